import { z } from 'zod';

/** One identity: a value in a namespace, with its XID. `namespace` is the lower-case code. */
export const identitySchema = z.object({
  xid: z.string().min(1),
  namespace: z.string().min(1),
  id: z.string().min(1),
});
export type Identity = z.infer<typeof identitySchema>;
