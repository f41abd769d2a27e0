// One kernel a project, shared by its tab and the side panel, found again after a reload.
import { PathExt } from '@jupyterlab/coreutils';
import { ServiceManager, Session } from '@jupyterlab/services';
import { serve } from './channel';

const SUFFIX = '.playreel-session';
const open = new Map<string, Promise<Session.ISessionConnection>>();

/** The running session of a project folder, or a new one. `path` is as the file browser has it. */
export function sessionOf(
  services: ServiceManager.IManager,
  path: string
): Promise<Session.ISessionConnection> {
  let session = open.get(path);
  if (!session) {
    session = find(services, path);
    session.catch(() => open.delete(path));
    open.set(path, session);
  }
  return session;
}

async function find(
  services: ServiceManager.IManager,
  path: string
): Promise<Session.ISessionConnection> {
  await services.sessions.ready;
  const name = `${path}${SUFFIX}`;
  const model = await services.sessions.findByPath(name);
  const session = model
    ? services.sessions.connectTo({ model })
    : await services.sessions.startNew({
        path: name,
        name: PathExt.basename(path) || 'Playreel',
        type: 'playreel'
      });
  session.disposed.connect(() => open.delete(path));
  await ready(session, path);
  return session;
}

/** Opens the project in the session's kernel; after a restart, again. Resolves to its full path. */
export async function ready(session: Session.ISessionConnection, path: string): Promise<string> {
  if (!session.kernel) {
    throw new Error('The kernel could not be started.');
  }
  // The kernel starts in the folder that holds the project.
  return serve(session.kernel, PathExt.basename(path) || '.');
}
