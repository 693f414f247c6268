/** OLLAMA_CONTRACT_URL=http://127.0.0.1:11434 OLLAMA_CONTRACT_MODEL=qwen3:0.6b */
import { afterAll } from 'vitest'
import { ollamaContract } from './ollama-contract.ts'
import { bench } from './test-bench.ts'

const url = process.env['OLLAMA_CONTRACT_URL'] ?? ''
if (url !== '') ollamaContract({ url, model: process.env['OLLAMA_CONTRACT_MODEL'] ?? 'deepseek-r1:1.5b', simulated: false })
else {
  // A model that reasons and one that does not.
  for (const model of ['deepseek-r1:8b', 'llama3.1:8b']) {
    const { sim } = await bench({ settings: { model, gpuProfile: 'rtx-4090', timeScale: 10 } })
    afterAll(() => sim[Symbol.asyncDispose]())
    ollamaContract({ url: sim.url, model, simulated: true })
  }
}
