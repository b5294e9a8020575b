import { z } from 'zod';
import {
  edgesShape,
  mongoShape,
  profileShape,
  redisShape,
  refineIssuer,
  serviceShape,
  tokenShape,
  wholeNumber,
} from './shared.js';

/** `EDGE_DATA_CENTERS` are those that this edge serves. */
export const edgeSchema = z
  .object({
    ...serviceShape,
    ...mongoShape,
    ...redisShape,
    ...edgesShape,
    ...tokenShape,
    ...profileShape,
    /** Milliseconds after which a store that does not answer counts as down. */
    DEPENDENCY_TIMEOUT_MS: wholeNumber.default(2_000),
  })
  .superRefine(refineIssuer);
export type EdgeConfiguration = z.infer<typeof edgeSchema>;
