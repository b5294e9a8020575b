import type { Collection } from 'mongodb';
import type { Database } from '../database.js';
import type { AnnouncementDocument, ComponentDocument, IdentityDocument, LinkDocument } from './graph-documents.js';

/** The collections that make up the identity graph. Only this folder writes them. */
export interface GraphCollections {
  readonly identities: Collection<IdentityDocument>;
  readonly components: Collection<ComponentDocument>;
  readonly links: Collection<LinkDocument>;
  readonly announcements: Collection<AnnouncementDocument>;
}

export function graphCollections(database: Database): GraphCollections {
  return {
    identities: database.collection('identities'),
    components: database.collection('components'),
    links: database.collection('links'),
    announcements: database.collection('identity_announcements'),
  };
}
