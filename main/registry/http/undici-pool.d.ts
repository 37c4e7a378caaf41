/** The one part of undici that is used: its front door loads fetch, WebSocket and caches too, which every start would pay for. */
declare module 'undici/lib/dispatcher/pool.js' {
  import { Pool } from 'undici';
  export default Pool;
}
