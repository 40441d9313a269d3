// Makes `npm start`, `npm test` and their like work on a fresh clone, with any Node from 20 up:
//
//   node scripts/bootstrap.mjs src/main.ts serve --port 8080
//
// Plain JavaScript without dependencies, because it runs before there are any.
import { runOnPinnedNode } from './pinned-node.mjs';

runOnPinnedNode(process.argv.slice(2));
