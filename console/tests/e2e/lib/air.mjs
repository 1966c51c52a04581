// What is on the air of a multicast group, packet by packet.
import { createSocket } from "node:dgram";

/** TOI of a FLUTE packet with identifiers of 16 bits (RFC 5651 5.1): version, C, S, O and H say where
 *  it stands. 0 is the FDT. */
function toi(packet) {
  const [first, second] = packet;
  const c = (first >> 2) & 3;
  const s = second >> 7;
  const o = (second >> 5) & 3;
  const h = (second >> 4) & 1;
  const tsi = 4 + 4 * (c + 1);
  const at = tsi + 4 * s + 2 * h;
  let value = 0;
  for (let octet = at; octet < at + 4 * o + 2 * h; octet += 1) value = value * 256 + packet[octet];
  return value;
}

/** Listens to a group. `tois` are those of the packets of objects, in the order of their arrival. */
export function air(group, port) {
  return new Promise((resolve, reject) => {
    const socket = createSocket({ type: "udp4", reuseAddr: true });
    const heard = { tois: [], stop: () => socket.close() };
    socket.on("error", reject);
    socket.on("message", (packet) => {
      const found = toi(packet);
      if (found !== 0) heard.tois.push(found);
    });
    socket.bind(port, group, () => {
      socket.addMembership(group, "127.0.0.1");
      resolve(heard);
    });
  });
}
