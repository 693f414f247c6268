import { defineConfig } from 'vitest/config'
import { BaseSequencer, type TestSpecification } from 'vitest/node'

const files = (suffix: string) => `{services,scenarios,loadtest,reports,scripts}/**/*.${suffix}.ts`

/** Files that judge times or need fixed ports: each has the machine alone. */
const ALONE = {
  lab: ['scripts/scenario/scenarios.lab.ts', 'scripts/tools/test/readme.lab.ts', 'scripts/demo/real.lab.ts'],
  docker: ['scripts/tools/docker/by-hand.docker.ts', 'scripts/tools/docker/scenarios.docker.ts'],
}

/** Of those that run beside each other the long ones begin, so that none is alone at the end. */
const LONG = ['untimed-scenarios', 'readme.docker', 'leftovers', 'bot-path', 'model-servers', 'path.docker', 'lab.docker', 'partition']

class LongFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const rest = await super.sort(files)
    const long = LONG.flatMap(part => rest.filter(({ moduleId }) => moduleId.includes(part)))
    return [...new Set([...long, ...rest])]
  }
}

/** Labs wait more than they work: boots, kills, time limits. */
const BESIDE_EACH_OTHER = 4

const LAB = { testTimeout: 180_000, hookTimeout: 180_000, setupFiles: ['scripts/tools/test/native.ts'] }
const DOCKER = {
  testTimeout: 300_000,
  hookTimeout: 180_000,
  // Its reaper is an image; tools/docker/with-docker.ts checks for leftovers.
  env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
}

/** `unit`: beside the source, no lab. `lab`: needs RabbitMQ and Postgres.
 *  `docker`: needs an engine and the images of compose/images.env. */
export default defineConfig({
  test: {
    sequence: { sequencer: LongFirst },
    projects: [
      // In one process modules are imported once: 40 s of 110 are imports otherwise.
      {
        test: {
          ...{ name: 'unit', include: [files('test')], testTimeout: 20_000, hookTimeout: 20_000 },
          ...{ isolate: false, maxWorkers: 2 },
        },
      },
      { test: { ...LAB, name: 'lab', include: [files('lab')], exclude: ALONE.lab, maxWorkers: BESIDE_EACH_OTHER } },
      { test: { ...LAB, name: 'lab alone', include: ALONE.lab, fileParallelism: false } },
      { test: { ...DOCKER, name: 'docker', include: [files('docker')], exclude: ALONE.docker, maxWorkers: BESIDE_EACH_OTHER } },
      { test: { ...DOCKER, name: 'docker alone', include: ALONE.docker, fileParallelism: false } },
    ],
  },
})
