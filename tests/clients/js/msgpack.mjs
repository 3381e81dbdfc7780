// Unpack values that another msgpack packed, and pack them anew; bytes as base64, one JSON list each way.
//
//     node msgpack.mjs PACKED.json

import { readFileSync } from "node:fs";

import { packMsgpack, unpackMsgpack } from "../../../clients/js/src/msgpack.js";

const again = JSON.parse(readFileSync(process.argv[2], "utf8")).map((packed) => {
  const bytes = packMsgpack(unpackMsgpack(Buffer.from(packed, "base64")));
  return Buffer.from(bytes).toString("base64");
});
console.log(JSON.stringify(again));
