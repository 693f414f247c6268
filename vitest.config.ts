import { defineConfig } from 'vitest/config'

/** `unit`: beside the source, no lab. `lab`: needs RabbitMQ and Postgres; one file at a time.
 *  `docker`: needs an engine and the images of compose/images.env. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          include: ['{services,scenarios,loadtest,reports,scripts}/**/*.test.ts'],
          testTimeout: 20_000,
          hookTimeout: 20_000,
        },
      },
      {
        test: {
          name: 'lab',
          include: ['{services,scenarios,loadtest,reports,scripts}/**/*.lab.ts'],
          testTimeout: 180_000,
          hookTimeout: 180_000,
          fileParallelism: false,
        },
      },
      {
        test: {
          name: 'docker',
          include: ['{services,scenarios,loadtest,reports,scripts}/**/*.docker.ts'],
          testTimeout: 300_000,
          hookTimeout: 180_000,
          fileParallelism: false,
          // Its reaper is an image; tools/docker/with-docker.ts checks for leftovers.
          env: { TESTCONTAINERS_RYUK_DISABLED: 'true' },
        },
      },
    ],
  },
})
