import { join } from 'node:path'
import { rolldown } from 'rolldown'
import { playgroundPage } from '../../../reports/playground/document.ts'

const PAGE = 'reports/playground/page'

/** The playground as one HTML file. The same sources give the same bytes. @param root the clone */
export async function buildPlayground(root: string): Promise<string> {
  const bundle = await rolldown({
    cwd: root,
    input: join(PAGE, 'main.ts'),
    platform: 'browser',
    resolve: { alias: { 'node:crypto': join(root, PAGE, 'crypto.ts') } },
    // Files with a face for Node are imported for their pure part alone.
    treeshake: { moduleSideEffects: id => id.endsWith('page/main.ts') },
    onLog: (_level, log) => {
      throw new Error(`the bundle: ${log.message}`)
    },
  })
  await using _ = { [Symbol.asyncDispose]: () => bundle.close() }
  const { output } = await bundle.generate({ format: 'iife', minify: true })
  const [{ code }] = output
  if (output.length !== 1 || /<\/script|\brequire\(/.test(code)) throw new Error('the bundle: expected one file without imports of Node')
  return playgroundPage(code.trim())
}
