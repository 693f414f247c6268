import { execFileSync } from 'node:child_process'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { HOSTILE } from './hostile.ts'

/** As `run.mjs` sees it: plain JavaScript, in a process of its own. */
function commandEnv(shell: Record<string, string>): Record<string, string> {
  const script = `import { commandEnv } from '${join(import.meta.dirname, 'environment.mjs')}'; console.log(JSON.stringify(commandEnv(${JSON.stringify(shell)})))`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })) as Record<string, string>
}

test.each(Object.entries(HOSTILE))('%s of the shell does not reach a command', (name, value) => {
  const env = commandEnv({ [name]: value })
  expect(env).toEqual({ LANG: 'C.UTF-8', SHLVL: '1' })
})

test.each([
  ['HTTPS_PROXY', 'http://proxy:3128'],
  ['no_proxy', 'localhost'],
  ['npm_config_registry', 'https://npm.example'],
  ['NPM_CONFIG_HTTPS_PROXY', 'http://proxy:3128'],
  ['npm_config_//npm.example/:_authToken', 'secret'],
  ['DOCKER_HOST', 'unix:///run/user/1000/docker.sock'],
  ['VOLTA_HOME', '/home/ann/.volta'],
  ['ASDF_DATA_DIR', '/home/ann/.asdf'],
  ['PREFETCH_LAB_HOME', '/srv/labs'],
  ['TZ', 'Europe/Paris'],
  ['TMPDIR', import.meta.dirname],
  ['NODE_EXTRA_CA_CERTS', import.meta.filename],
])('%s is the machine’s, and reaches it', (name, value) => expect(commandEnv({ [name]: value })[name]).toBe(value))
