// Its own file, so that only the client is taken out of the SDK.
export { Client } from '@colyseus/sdk';
