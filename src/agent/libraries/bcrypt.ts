/** Tripwires on the synchronous functions of `bcrypt` and `bcryptjs`, which block for as long as their purpose asks. */
import { countDetail, takeNumber } from '../calls/call-details.ts';
import { always, install, type Way } from '../calls/tripwire.ts';
import { hasMethods } from './fields.ts';

const WAY: Way = { isLong: always, ofPackage: true };
const HASH: Way = { ...WAY, take: takeNumber(2), detail: countDetail('rounds') };

/** The package's exports, `name` in front of what is told. */
export const watchBcrypt =
  (name: string) =>
  (exports: object): void => {
    if (!hasMethods(exports, 'hash', 'hashSync', 'compare', 'compareSync')) return;
    install(exports, 'hashSync', `${name}.hashSync`, HASH);
    install(exports, 'compareSync', `${name}.compareSync`, WAY);
  };
