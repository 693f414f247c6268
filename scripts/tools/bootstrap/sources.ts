/** This machine's package sources, for the root: mirrors, proxies, certificates. */
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { debianTool } from '../../setup/machine.ts'

/** `deb` lines of a suite with -updates and -security, from sources files. */
export function debLines(texts: string[], suite: string): string[] {
  const ofSuite = (name: string) => [suite, `${suite}-updates`, `${suite}-security`].includes(name)
  const lines = texts.flatMap(text => [...oneLineEntries(text), ...stanzaEntries(text)])
  return [
    ...new Set(lines.filter(entry => ofSuite(entry.suite) && entry.components.includes('main')).map(e => `deb ${e.uri} ${e.suite} main`)),
  ]
}

interface Entry {
  uri: string
  suite: string
  components: string[]
}

function oneLineEntries(text: string): Entry[] {
  return [...text.matchAll(/^deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)\s+(.+)$/gm)].map(([, uri = '', suite = '', rest = '']) => ({
    uri,
    suite,
    components: rest.split(/\s+/),
  }))
}

function stanzaEntries(text: string): Entry[] {
  return text.split(/\n\s*\n/).flatMap(stanza => {
    const words = (key: string) => new RegExp(`^${key}:\\s*(.*)$`, 'm').exec(stanza)?.[1]?.trim().split(/\s+/) ?? []
    if (!words('Types').includes('deb') || words('Enabled').includes('no')) return []
    return words('URIs').flatMap(uri => words('Suites').map(suite => ({ uri, suite, components: words('Components') })))
  })
}

/** apt's proxies, certificates and time-outs, as apt.conf lines. */
export function aptNetworkOptions(dump: string): string[] {
  return dump.split('\n').filter(line => /^Acquire::(https?|ftp|Retries|Check-Valid-Until)\b.*"[^"]+";$/i.test(line))
}

/** This machine's mirror of Debian's main archive, and apt's settings. Throws if there is none. */
export function machineMirror(): { uri: string; apt: string[] } {
  const suite = /^VERSION_CODENAME=(\w+)$/m.exec(readFileSync('/etc/os-release', 'utf8'))?.[1] ?? ''
  const entries = sourceTexts().flatMap(text => [...oneLineEntries(text), ...stanzaEntries(text)])
  const uri = entries.find(entry => entry.suite === suite && entry.components.includes('main'))?.uri
  if (uri === undefined)
    throw new Error(`expected an apt source of Debian ${suite}'s main archive on this machine. See: cat /etc/apt/sources.list`)
  return { uri, apt: aptNetworkOptions(execFileSync(debianTool('apt-config'), ['dump'], { encoding: 'utf8' })) }
}

function sourceTexts(): string[] {
  const parts = '/etc/apt/sources.list.d'
  const files = ['/etc/apt/sources.list', ...(existsSync(parts) ? readdirSync(parts).map(name => join(parts, name)) : [])]
  return files.filter(path => /\.(list|sources)$/.test(path) && existsSync(path)).map(path => readFileSync(path, 'utf8'))
}

/** Mirrors of a suite, apt's settings and npm's, for a second root. */
export function machineSources(suite: string): { deb: string[]; apt: string[]; npmrc: string } {
  const texts = sourceTexts()
  const npm = (key: string) => execFileSync('npm', ['config', 'get', key], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }).trim()
  return {
    deb: debLines(texts, suite),
    apt: aptNetworkOptions(execFileSync(debianTool('apt-config'), ['dump'], { encoding: 'utf8' })),
    npmrc: ['registry', 'cafile', 'proxy', 'https-proxy', 'noproxy', 'strict-ssl']
      .map(key => [key, npm(key)] as const)
      .filter(([, value]) => value !== '' && value !== 'null' && value !== 'undefined')
      .map(([key, value]) => `${key}=${value}`)
      .join('\n'),
  }
}
