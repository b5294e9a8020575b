import { xidsInScope } from './scope.js';

describe('xidsInScope', () => {
  it('is the requested identity alone without a graph, and the whole cluster with one', () => {
    expect(xidsInScope('none', 'b', ['a', 'b'])).toEqual(['b']);
    expect(xidsInScope('pdg', 'b', ['a', 'b'])).toEqual(['a', 'b']);
  });
});
