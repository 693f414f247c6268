/** Recipes of images without a registry: suites and packages. Tried: 100 s on 2 cores. */

export interface Recipe {
  /** Variable of compose/images.env that names the image. */
  variable: string
  suite: 'bookworm' | 'trixie' | 'forky'
  packages: readonly string[]
  /** Script that finishes the root, beside this file. */
  finish: string
  /** `docker import --change`. */
  changes: readonly string[]
  /** The package whose version is the image's, and how it must begin. */
  version: { of: string; startsWith: string }
}

const rabbitmq = (variable: string, suite: Recipe['suite'], startsWith: string): Recipe => ({
  variable,
  suite,
  packages: ['rabbitmq-server'],
  finish: 'rabbitmq.sh',
  // The package's own wrapper, in sbin, changes user and folder.
  changes: [
    'USER 999:999',
    'ENV HOME=/var/lib/rabbitmq',
    // To standard output, as in the public image: waits read there.
    'ENV RABBITMQ_LOGS=-',
    'ENV LANG=C.UTF-8',
    'ENV PATH=/usr/lib/rabbitmq/bin:/usr/local/bin:/usr/bin:/bin',
    'EXPOSE 5672',
    'CMD ["rabbitmq-server"]',
  ],
  version: { of: 'rabbitmq-server', startsWith },
})

export const RECIPES: readonly Recipe[] = [
  rabbitmq('RABBITMQ_IMAGE', 'forky', '4.3.'),
  rabbitmq('RABBITMQ_4_0_IMAGE', 'trixie', '4.0.'),
  rabbitmq('RABBITMQ_3_10_IMAGE', 'bookworm', '3.10.'),
  {
    variable: 'POSTGRES_IMAGE',
    suite: 'forky',
    packages: ['postgresql-18'],
    finish: 'postgres.sh',
    changes: ['USER 999:999', 'ENV LANG=C.UTF-8', 'EXPOSE 5432', 'ENTRYPOINT ["docker-entrypoint.sh"]', 'CMD ["postgres"]'],
    version: { of: 'postgresql-18', startsWith: '18.' },
  },
]

/** Below Node's binary: its libraries, and a shell for health checks; no package manager. */
export const NODE_ROOT = {
  suite: 'trixie',
  packages: ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6', 'bash', 'libtinfo6'],
  changes: [
    'WORKDIR /app',
    'USER 1000:1000',
    'ENV PATH=/usr/bin:/bin',
    'ENV NODE_ENV=production',
    'ENTRYPOINT ["node", "--disable-warning=ExperimentalWarning"]',
  ],
} as const

/** Under an Ollama that was built here: what it is linked with. Called as the public image is. */
export const OLLAMA_ROOT = {
  suite: 'trixie',
  packages: ['base-files', 'libc6', 'libgcc-s1', 'libstdc++6'],
  changes: [
    'USER 1000:1000',
    'ENV PATH=/usr/bin:/bin',
    'ENV OLLAMA_HOST=0.0.0.0:11434',
    'EXPOSE 11434',
    'ENTRYPOINT ["ollama"]',
    'CMD ["serve"]',
  ],
} as const

/** Brings the compose plugin where Docker has none. */
export const COMPOSE_ROOT = {
  suite: 'forky',
  packages: ['docker-compose'],
  program: 'usr/libexec/docker/cli-plugins/docker-compose',
} as const
