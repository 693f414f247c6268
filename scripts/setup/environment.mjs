/** An allow list of the caller's environment. Plain JavaScript for `run.mjs`. */
import { accessSync, constants, statSync } from 'node:fs'

/** One name a word; `npm_config_` and `PREFETCH_LAB_` stand below. */
const ALLOWED = new Set(
  `
  PATH HOME USER LOGNAME SHELL TZ TMPDIR LD_LIBRARY_PATH
  XDG_CACHE_HOME XDG_CONFIG_HOME XDG_RUNTIME_DIR
  TERM TERM_PROGRAM TERM_PROGRAM_VERSION TMUX COLORTERM COLUMNS LINES NO_COLOR FORCE_COLOR CI GITHUB_ACTIONS
  HTTP_PROXY HTTPS_PROXY ALL_PROXY NO_PROXY NODE_EXTRA_CA_CERTS SSL_CERT_FILE SSL_CERT_DIR
  DOCKER_HOST DOCKER_CONTEXT DOCKER_CONFIG DOCKER_CERT_PATH DOCKER_TLS_VERIFY DOCKER_API_VERSION SSH_AUTH_SOCK
  OLLAMA_HEADERS OLLAMA_CONTRACT_URL OLLAMA_CONTRACT_MODEL MODEL_API_KEY INSPECT_PASSWORD BROKER_PASSWORD
  DEBIAN_FRONTEND INIT_CWD NPM_EXECPATH NPM_LIFECYCLE_EVENT
  SYSTEMROOT SYSTEMDRIVE WINDIR COMSPEC PATHEXT TEMP TMP USERPROFILE APPDATA LOCALAPPDATA PROGRAMDATA PROGRAMFILES
  `
    .trim()
    .split(/\s+/),
)
/** How npm reaches its registry: that is the machine's. What it installs and where is ours. */
const NPM_REACHES =
  /^NPM_CONFIG_(REGISTRY|USERCONFIG|GLOBALCONFIG|CACHE|(HTTPS?_?)?PROXY|HTTPS_PROXY|NOPROXY|CAFILE|CA|CERT|KEY|STRICT_SSL|OFFLINE|PREFER_OFFLINE|FETCH_.*|_.*|@.*|\/\/.*)$/
/** A shim of npm asks its version manager, which finds itself by these. */
const VERSION_MANAGERS = /^(ASDF|MISE|VOLTA|NVM|FNM|NODENV|PROTO|COREPACK|N)_/
/** A part's own mark would make a command look like one of its parts. */
const OURS = /^PREFETCH_LAB_(?!MARK$)/

/** @returns a command's environment. Proxies are for apt, npm, Docker; Node ignores them. */
export function commandEnv(shell) {
  const env = {}
  for (const [name, value] of Object.entries(shell)) {
    const upper = name.toUpperCase()
    const npmName = upper.replaceAll('-', '_')
    if (ALLOWED.has(upper) || [NPM_REACHES.test(npmName), VERSION_MANAGERS.test(upper), OURS.test(upper)].includes(true)) env[name] = value
  }
  // With a socket as input, bash acts as a remote login and reads ~/.bashrc, unless nested.
  env['SHLVL'] = '1'
  // Every tool speaks the same language, whatever locales this machine lacks.
  env['LANG'] = 'C.UTF-8'
  if (!works(() => accessSync(env['NODE_EXTRA_CA_CERTS'], constants.R_OK))) delete env['NODE_EXTRA_CA_CERTS']
  if (!works(() => statSync(env['TMPDIR']).isDirectory())) delete env['TMPDIR']
  return env
}

/** Whether it neither throws nor is false. */
export function works(look) {
  try {
    return look() !== false
  } catch {
    return false
  }
}
