import { engineVersion } from './docker.ts'
import { clearProject, projectOf } from './project.ts'

/** Ends and removes the containers, networks and volumes of the lab in this folder. @param certain whether there were any: else no engine is no trouble */
export async function clearContainers(folder: string, certain: boolean): Promise<void> {
  if (certain || (await engineVersion()) !== undefined) await clearProject(projectOf(folder))
}
