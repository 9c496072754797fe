// Three projects: unit tests beside their sources, which need nothing but Node; the tests on real parts, two files at a time, since most of a guest's life is
// one CPU's work; and those of them that want the machine for themselves: they measure time, take a worker's hold of its run away, or are a fleet.
import { basename } from 'node:path';
import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const ALONE = ['orchestrator/test/bad-luck.test.ts', 'orchestrator/test/evaluate-time.test.ts', 'orchestrator/test/fleet.test.ts'];
const real = { testTimeout: 300_000, hookTimeout: 1_800_000, expect: { poll: { timeout: 15_000 } }, globalSetup: ['orchestrator/test/set-up.ts'] };

/** The longest of those on real parts: begun first, so that two at a time end together. */
const LONGEST = ['evaluate', 'pipelines', 'nights', 'kernels', 'pages', 'bisect', 'bad-kernels', 'series', 'venus', 'interruptions', 'reproduce'];

class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification): number => {
      const at = LONGEST.indexOf(basename(moduleId, '.test.ts'));
      return at === -1 ? LONGEST.length : at;
    };
    return (await super.sort(files)).sort((one, other) => place(one) - place(other));
  }
}

export default defineConfig({
  test: {
    sequence: { sequencer: LongestFirst },
    projects: [
      // They share no state but what they import: a worker that is kept for the next file takes half the time.
      { test: { name: 'unit', include: ['orchestrator/src/**/*.test.ts', 'dashboards/{server,pages,bench}/**/*.test.ts'], isolate: false, testTimeout: 30_000, sequence: { groupOrder: 0 } } },
      { test: { ...real, name: 'real', include: ['orchestrator/test/**/*.test.ts', 'dashboards/test/**/*.test.ts'], exclude: ALONE, maxWorkers: 2, sequence: { groupOrder: 1 } } },
      { test: { ...real, name: 'alone', include: ALONE, fileParallelism: false, sequence: { groupOrder: 2 } } },
    ],
  },
});
