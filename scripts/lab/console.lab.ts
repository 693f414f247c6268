import { existsSync } from 'node:fs'
import axe from 'axe-core'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run as start } from './command.ts'
import { type TestHome, testHome } from './test-home.ts'

/** The live page as a person uses it, in the system's own Chromium. */

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'].find(existsSync)
const WITHIN = { timeout: 60_000 }
const inBrowser = (name: string, run: () => Promise<void>) =>
  test(name, async ({ skip }) => {
    skip(CHROMIUM === undefined, 'no Chromium on this machine: apt-get install chromium')
    await run()
  })

let home: TestHome
let browser: Browser
let page: Page
let address = ''
const troubles: string[] = []
const lab = (...args: string[]) => start(args, { PREFETCH_LAB_HOME: home.labs }).ended
const up = () => lab('up', '--runtime', 'native', '--time-scale', '20')

beforeAll(async () => {
  if (CHROMIUM === undefined) return
  home = await testHome('console')
  const { stdout, exitCode } = await up()
  expect(exitCode).toBe(0)
  address = /http:\/\/127\.0\.0\.1:\d+\/#[\w-]+/.exec(stdout)?.[0] ?? ''
  browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox', '--disable-gpu'] })
  page = await browser.newPage({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  page.on('pageerror', error => troubles.push(error.message))
  page.on('console', message => message.type() === 'error' && troubles.push(message.text()))
  page.on('request', request => new URL(request.url()).hostname !== '127.0.0.1' && troubles.push(request.url()))
  page.on('dialog', dialog => troubles.push(`dialog: ${dialog.message()}`))
  await page.goto(address)
  await page.locator('#line[data-state=open]').waitFor(WITHIN)
})
afterAll(async () => {
  if (CHROMIUM === undefined) return
  await browser?.close()
  await lab('down')
  await home.remove()
})

/** Sets the scene of a story and waits for its button. */
async function scene(name: string): Promise<void> {
  await page.locator(`#story-${name}`).click()
  await page.locator('#story-click').waitFor(WITHIN)
}
const text = (id: string) => page.locator(`#${id}`).innerText()

inBrowser('a node dies: her chat moves to the other node, and what is written meanwhile arrives', async () => {
  await scene('node')
  await expect.poll(() => text('node-ann'), WITHIN).toBe('on im-a')
  await page.locator('#story-click').click()
  await expect.poll(() => text('node-ann'), WITHIN).toBe('on im-b')
  await expect.poll(() => text('lines-ann'), WITHIN).toContain('Can you still read this?')
  expect(await page.locator('#lines-ann > div', { hasText: 'Can you still read this?' }).count()).toBe(1)
})

inBrowser('hoarding: one click hides the waiting people from the dashboard', async () => {
  await scene('hoarding')
  const shown = async () => /^(\d+) messages ready, (\d+) held/.exec((await page.locator('#picture').getAttribute('aria-label')) ?? '')
  await page.locator('#story-click').click()
  const hidden = async () => {
    const [, ready, held] = (await shown()) ?? []
    return ready === '0' ? Number(held) : 0
  }
  await expect.poll(hidden, WITHIN).toBeGreaterThan(15)
  expect(await text('prefetch-worker-slow-value')).toBe('250')
  // A second browser shows the same.
  const other = await browser.newPage({ locale: 'zh-CN' })
  await other.goto(address)
  await expect.poll(() => other.locator('#prefetch-worker-slow-value').innerText(), WITHIN).toBe('250')
  expect(await other.locator('#story-hoarding').getAttribute('aria-pressed')).toBe('true')
  expect(await other.locator('h1').innerText()).toContain('谁在等')
  await other.close()
})

inBrowser('markup in a message is text, and a question can be asked', async () => {
  const script = '<img src=x onerror="alert(1)"><script>alert(2)</script>'
  await page.locator('#say-ann').fill(script)
  await page.locator('#send-ann').click()
  await expect.poll(() => text('lines-bob'), WITHIN).toContain(script)
  expect(await page.locator('#chat :is(img, script)').count()).toBe(0)
})

inBrowser('axe finds nothing serious', async () => {
  // The tool's own script: the page's policy lets none in, this door is the debugger's.
  const cdp = await page.context().newCDPSession(page)
  await cdp.send('Runtime.evaluate', { expression: axe.source })
  const { result } = await cdp.send('Runtime.evaluate', {
    ...{ awaitPromise: true, returnByValue: true },
    expression:
      'axe.run().then(found => found.violations.filter(v => ["serious", "critical"].includes(v.impact)).map(v => v.id + " " + v.nodes.map(n => n.html).join()))',
  })
  expect(result.value).toEqual([])
})

inBrowser('a wrong token shows nothing', async () => {
  const other = await browser.newPage()
  await other.goto(`${address.split('#')[0]}#wrong-token-of-the-lab-12345`)
  await other.locator('#line[data-state=refused]').waitFor(WITHIN)
  expect(await other.locator('#lab-name').innerText()).toBe('')
  await other.close()
})

inBrowser('the page outlives its lab, and comes back with the next', async () => {
  expect(troubles).toEqual([])
  expect((await lab('down')).exitCode).toBe(0)
  await page.locator('#line[data-state=down]').waitFor(WITHIN)
  const { stdout } = await up()
  expect(stdout).toContain(address)
  await page.locator('#line[data-state=open]').waitFor(WITHIN)
  await expect.poll(() => text('prefetch-worker-slow-value'), WITHIN).toBe('1')
  // What the browser itself says of a port where nobody listens.
  expect(troubles.filter(trouble => !trouble.startsWith('Failed to load resource'))).toEqual([])
})
