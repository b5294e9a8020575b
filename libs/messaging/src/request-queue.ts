import RequestQueue from 'kafkajs/src/network/requestQueue/index.js';

const { scheduleCheckPendingRequests } = RequestQueue.prototype;

/**
 * Lets a connection of kafkajs rest while no request waits to be sent. From its first answer on, version 2.2.4 looks for
 * such requests every millisecond, on every connection, for as long as the process lives (tulios/kafkajs#1704): 4 % of a
 * processor in an idle service. A request that has to wait still sets the timer that sends it.
 */
export function letIdleConnectionsRest(): void {
  RequestQueue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) scheduleCheckPendingRequests.call(this);
  };
}
