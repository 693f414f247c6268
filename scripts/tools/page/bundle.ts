import { join } from 'node:path'
import { rolldown } from 'rolldown'

/** A page's script in one piece, from its `main.ts`. The same sources give the same bytes.
 *  @param root the clone @param folder of the page */
export async function bundled(root: string, folder: string): Promise<string> {
  const bundle = await rolldown({
    cwd: root,
    input: join(folder, 'main.ts'),
    platform: 'browser',
    resolve: { alias: { 'node:crypto': join(root, 'reports/canvas/crypto.ts') } },
    // Files with a face for Node are imported for their pure part alone.
    treeshake: { moduleSideEffects: id => id.endsWith(`${folder}/main.ts`) },
    onLog: (_level, log) => {
      throw new Error(`the bundle: ${log.message}`)
    },
  })
  await using _ = { [Symbol.asyncDispose]: () => bundle.close() }
  const { output } = await bundle.generate({ format: 'iife', minify: true })
  const [{ code }] = output
  if (output.length !== 1 || /<\/script|\brequire\(/.test(code)) throw new Error('the bundle: expected one file without imports of Node')
  return code.trim()
}
