// Held by the compiler: each module that stands in another's place here (vite.site.config.ts) has all that views take from the other.
import type * as ServerAddress from '../app/address.ts';
import type * as ServerFiles from '../app/files.ts';
import type * as ServerGet from '../app/get.ts';
import type * as ServerRoutes from '../app/routes.ts';
import type * as ServerLog from '../parts/log/use-log.ts';
import type * as ServerBanner from '../views/banner.tsx';
import type * as Address from './address.ts';
import type * as Banner from './banner.tsx';
import type * as Files from './files.ts';
import type * as Get from './get.ts';
import type * as Routes from './routes.ts';
import type * as Log from './use-log.ts';

type AsGood<Twin extends Original, Original> = Twin;

export type Twins = [
  AsGood<typeof Address, typeof ServerAddress>, AsGood<typeof Files, typeof ServerFiles>, AsGood<typeof Get, typeof ServerGet>,
  AsGood<typeof Routes, typeof ServerRoutes>, AsGood<typeof Log, typeof ServerLog>, AsGood<typeof Banner, typeof ServerBanner>,
];
