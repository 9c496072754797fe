// What QEMU's trace says of a guest's virtio-gpu: which host resources live, and which commands came between a pipeline's two marks.
// Pure: lines in, figures out. The events are those of hw/display/trace-events in QEMU.

/** A measuring pipeline makes a resource of this size before the first measured frame, and one of two rows after the last (guest-images/probe/mark.h). */
const MARK_WIDTH = 16383;
const MARK_ROWS = { begin: 1, end: 2 } as const;

/** Bytes per pixel of virgl's formats (virgl_hw.h) that are not four. */
const PIXEL_BYTES: Readonly<Record<number, number>> = { 9: 1, 10: 1, 31: 16, 48: 2, 50: 6, 51: 8, 64: 1, 65: 2, 66: 3, 91: 2, 93: 6, 94: 8 };

export type Tally = {
  /** Commands by QEMU's name, without "virtio_gpu_cmd_". */
  commands: Map<string, number>;
  transferBytes: number;
  streamBytes: number;
  fences: number;
  /** Notifications of a device's first queue by the guest, by QEMU's pointer to the device: which of them is the virtio-gpu the trace does not say. */
  kicks: Map<string, number>;
};

export class GpuTrace {
  readonly #live = new Map<string, number>();
  #tally: Tally | undefined;
  #done: Tally[] = [];
  readonly #marks = new Set<string>();
  #afterMark = false;

  /** The ids of the host resources that have been made and not been unreferenced. */
  get live(): ReadonlySet<string> { return new Set(this.#live.keys()); }

  /** The commands between the last two marks, once; undefined where there were none. */
  take(): Tally | undefined {
    return this.takeAll().at(-1);
  }

  /** Of each two marks since somebody took, in order. */
  takeAll(): Tally[] {
    const done = this.#done;
    this.#done = [];
    return done;
  }

  hear(line: string): void {
    const kick = /^virtio_queue_notify vdev (\w+) n 0 /.exec(line)?.[1];
    if (kick !== undefined) this.#tally?.kicks.set(kick, (this.#tally.kicks.get(kick) ?? 0) + 1);
    const match = /^virtio_gpu_(cmd|fence)_(\w+)(?: (.*))?$/.exec(line);
    if (match === null) return;
    const [, kind, name = '', rest = ''] = match;
    if (kind === 'fence') this.#fence(name);
    else this.#command(name, facts(rest));
  }

  #fence(name: string): void {
    // The fence of a mark's own command, which QEMU tells right after it, is no frame's.
    if (name === 'ctrl' && !this.#afterMark && this.#tally !== undefined) this.#tally.fences++;
    if (name === 'ctrl') this.#afterMark = false;
  }

  #command(name: string, fact: ReadonlyMap<string, number>): void {
    const id = fact.get('res');
    const res = id === undefined ? undefined : String(id);
    if (res !== undefined && name.startsWith('res_create')) {
      this.#live.set(res, bytesOf(name, fact));
      this.#noteMark(name, fact, res);
    }
    if (res !== undefined && name === 'res_unref') this.#live.delete(res);
    this.#afterMark = res !== undefined && this.#marks.has(res);
    if (this.#afterMark || this.#tally === undefined) return;
    this.#tally.commands.set(name, (this.#tally.commands.get(name) ?? 0) + 1);
    if (name.startsWith('res_xfer_toh') && res !== undefined) this.#tally.transferBytes += this.#live.get(res) ?? 0;
    if (name === 'ctx_submit') this.#tally.streamBytes += fact.get('size') ?? 0;
  }

  /** An id that was a mark's is anyone's again once it is made anew. */
  #noteMark(name: string, fact: ReadonlyMap<string, number>, res: string): void {
    if ((name !== 'res_create_3d' && name !== 'res_create_2d') || fact.get('w') !== MARK_WIDTH) {
      this.#marks.delete(res);
      return;
    }
    this.#marks.add(res);
    if (fact.get('h') === MARK_ROWS.begin) this.#tally = { commands: new Map(), transferBytes: 0, streamBytes: 0, fences: 0, kicks: new Map() };
    if (fact.get('h') === MARK_ROWS.end) {
      if (this.#tally !== undefined) this.#done.push(this.#tally);
      this.#tally = undefined;
    }
  }
}

/** "res 0x1f, fmt 0x40, w 640, h 540" */
function facts(text: string): Map<string, number> {
  return new Map(text.split(', ').map((part) => {
    const at = part.indexOf(' ');
    return [part.slice(0, at), Number(part.slice(at + 1))];
  }));
}

function bytesOf(name: string, fact: ReadonlyMap<string, number>): number {
  if (name === 'res_create_blob') return fact.get('size') ?? 0;
  const pixels = (fact.get('w') ?? 0) * (fact.get('h') ?? 0) * (fact.get('d') ?? 1);
  return pixels * (PIXEL_BYTES[fact.get('fmt') ?? 0] ?? 4);
}
