// Must not compile: if it does, the compiler did not see the package's types and what it says of the other samples means nothing.

import { GwsImClient, version } from "gws-im-sdk";

new GwsImClient({ baseUrl: 5 });
const notText: number = version;
export { notText };
