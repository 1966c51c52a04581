// Makes world.bin out of TopoJSON of Natural Earth at 1:50 million (npm world-atlas 2.0.2):
//   node world.mjs land-50m.json countries-50m.json world.bin
//
// The file: a count of rings of land, the rings, a count of borders, the borders. Each is a count
// of points and the points; a point is longitude and latitude in hundredths of a degree, each as
// the difference to the one before. All numbers are zigzag-coded and in groups of seven bits, the
// lowest first.
import { readFileSync, writeFileSync } from "node:fs";

const [land, countries, target] = process.argv.slice(2);
const bytes = [];

function number(value) {
  let left = value < 0 ? -2 * value - 1 : 2 * value;
  while (left > 127) {
    bytes.push((left % 128) | 128);
    left = Math.floor(left / 128);
  }
  bytes.push(left);
}

/** The points of each arc, in degrees. */
function decode(topology) {
  const { scale, translate } = topology.transform;
  return topology.arcs.map((arc) => {
    let [x, y] = [0, 0];
    return arc.map(([dx, dy]) => {
      x += dx;
      y += dy;
      return [x * scale[0] + translate[0], y * scale[1] + translate[1]];
    });
  });
}

/** Hundredths of a degree, without points that fall together. */
function round(points) {
  const all = points.map(([lon, lat]) => [Math.round(lon * 100), Math.round(lat * 100)]);
  return all.filter((p, i) => i === 0 || p[0] !== all[i - 1][0] || p[1] !== all[i - 1][1]);
}

function write(lines) {
  number(lines.length);
  for (const line of lines) {
    number(line.length);
    let [x, y] = [0, 0];
    for (const [lon, lat] of line) {
      number(lon - x);
      number(lat - y);
      [x, y] = [lon, lat];
    }
  }
}

function rings(topology) {
  const arcs = decode(topology);
  const ring = (indices) =>
    indices.flatMap((i, n) => {
      const points = i < 0 ? arcs[~i].toReversed() : arcs[i];
      return n === 0 ? points : points.slice(1);
    });
  const all = (geometry) => geometry.geometries?.flatMap(all)
    ?? (geometry.type === "Polygon" ? geometry.arcs : geometry.arcs.flat());
  return all(topology.objects.land).map(ring).map(round).filter((points) => points.length > 3);
}

/** Arcs between two countries. */
function borders(topology) {
  const used = new Map();
  const count = (arcs) => arcs.forEach((arc) =>
    Array.isArray(arc) ? count(arc) : used.set(arc < 0 ? ~arc : arc, (used.get(arc < 0 ? ~arc : arc) ?? 0) + 1));
  topology.objects.countries.geometries.forEach((geometry) => count(geometry.arcs ?? []));
  const arcs = decode(topology);
  return [...used].filter(([, times]) => times > 1).map(([arc]) => round(arcs[arc])).filter((points) => points.length > 1);
}

write(rings(JSON.parse(readFileSync(land))));
write(borders(JSON.parse(readFileSync(countries))));
writeFileSync(target, Buffer.from(bytes));
