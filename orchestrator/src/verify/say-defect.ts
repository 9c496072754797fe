// A defect as one plain phrase for people. Knows the names, not how they were found.
import type { Corruption, Defect, Held, Tear } from './name-defect.ts';

export function sayDefect(defect: Defect): string {
  switch (defect.kind) {
    case 'none':
      return 'no defect: every byte is as expected';
    case 'blank':
      return `blank: every byte is ${hex(defect.value)}`;
    case 'rows-missing':
      return sayMissing(sayLines('row', defect), defect.count, defect.holds);
    case 'columns-missing':
      return sayMissing(sayLines('column', defect), defect.count, defect.holds);
    case 'box-missing':
      return sayMissing(`all but the top left ${String(defect.arrivedWidth)}x${String(defect.arrivedHeight)}`, 1, defect.holds);
    case 'bytes-missing': {
      const where = `(from row ${String(defect.firstRow)}, byte ${String(defect.firstColumn)})`;
      return sayMissing(`${defect.toEnd ? 'the last ' : ''}${String(defect.count)} bytes ${where}`, defect.count, defect.holds);
    }
    case 'stale-frame': {
      const when = defect.frame < defect.insteadOf ? 'stale' : 'ahead';
      return `${when}: shows frame ${String(defect.frame)} instead of ${String(defect.insteadOf)}`;
    }
    case 'torn':
      return `torn ${sayTearRow(defect)}: frame ${String(defect.frames[0])} above, frame ${String(defect.frames[1])} from there on`;
    case 'shifted':
      return `shifted: the picture lies ${sayShift(defect.dx, defect.dy)}`;
    case 'sheared':
      return `sheared: ${defect.when} with ${String(defect.bytesPerRow)} bytes per row instead of ${String(defect.insteadOf)}`;
    case 'mirrored':
      return { 'upside-down': 'upside down', 'left-right': 'mirrored left to right', both: 'turned by 180 degrees' }[defect.axis];
    case 'planes-swapped':
      return `wrong plane: holds plane ${defect.with} of frame ${String(defect.frame)}`;
    case 'wrong-colour':
      return `converted as ${defect.as} instead of ${defect.insteadOf}`;
    case 'corrupt':
      return sayCorrupt(defect);
    default:
      return defect satisfies never;
  }
}

function sayLines(what: string, { first, count, of }: { first: number; count: number; of: number }): string {
  if (count === of) return `all ${String(of)} ${what}s`;
  const [one, range] = [String(first), `${String(first)} to ${String(first + count - 1)}`];
  const edge = first + count === of ? 'the last' : first === 0 ? 'the first' : undefined;
  if (edge !== undefined) return count === 1 ? `${edge} ${what} (${one})` : `${edge} ${String(count)} ${what}s (${range})`;
  return count === 1 ? `${what} ${one}` : `${what}s ${range}`;
}

// Zeros need not be what the buffer held before, so nothing is said about arriving.
function sayMissing(what: string, many: number, holds: Held): string {
  const [it, verb] = many === 1 ? ['it', 'holds'] : ['they', 'hold'];
  if (holds.kind === 'zero') return `${what} ${verb} only zeros`;
  const held = holds.kind === 'sentinel' ? `the fill byte ${hex(holds.byte)}` : `frame ${String(holds.frame)}`;
  return `${what} never arrived: ${it} still ${verb} ${held}`;
}

function sayCorrupt({ wrongBytes, firstRow, firstColumn, lastRow }: Corruption): string {
  const first = `the first at row ${String(firstRow)}, column ${String(firstColumn)}`;
  return `corrupt: ${count(wrongBytes, 'wrong byte')}, ${first}, the last in row ${String(lastRow)}`;
}

function sayTearRow({ row, doubtfulRows }: Tear): string {
  return doubtfulRows === 0 ? `at row ${String(row)}` : `between rows ${String(row - doubtfulRows)} and ${String(row)}`;
}

function sayShift(dx: number, dy: number): string {
  const across = dx === 0 ? [] : [`${count(Math.abs(dx), 'pixel')} too far ${dx > 0 ? 'right' : 'left'}`];
  const down = dy === 0 ? [] : [`${count(Math.abs(dy), 'row')} too ${dy > 0 ? 'low' : 'high'}`];
  return [...across, ...down].join(' and ');
}

function count(many: number, what: string): string {
  return `${String(many)} ${what}${many === 1 ? '' : 's'}`;
}

function hex(byte: number): string {
  return `0x${byte.toString(16).padStart(2, '0')}`;
}
