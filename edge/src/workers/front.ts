import { createServer, type Socket } from 'node:net';
import type { MessagePort } from 'node:worker_threads';
import { sessionOf } from '@eddy/protocol';
import { wallClock } from '../components.js';
import { sendHot } from '../hot/hot-answer.js';
import { type WholeRequest, WholeRequestReader } from '../hot/whole-request.js';
import { targetKey } from '../http/hit-path.js';
import { FrontConnection } from './front-connection.js';
import { FrontCounters } from './front-counters.js';
import { FrontIndex } from './front-index.js';
import type { FromFront, FrontData, ToFront } from './front-messages.js';
import { SharedGarbage, threadCollector } from './shared-garbage.js';

/** A thread that takes connections of the public listener, answers what is hot and brings all else to its owner. */
export function runFront(port: MessagePort, data: FrontData): void {
  const { fd, owner, slot, slots, lane, maxConnections, reportMs } = data;
  const counters = new FrontCounters({ slots, memory: data.counters });
  const garbage = new SharedGarbage({ collect: threadCollector() });
  const front = new FrontIndex(
    {
      wallClock,
      onDropped: (bytes) => garbage.dropped(bytes),
    },
    lane,
  );
  const connections = new Map<number, FrontConnection>();
  let sent = new Map<string, number>();
  const tell = (message: FromFront): void => port.postMessage(message);
  let stopping = false;
  let atRest = false;
  let lastTunnel = 0;

  const answer = (request: WholeRequest, socket: Socket): boolean => {
    const { method, target } = request;
    if (stopping || atRest || method !== 'GET' || target.length > lane.urlBytes) return false;
    const found = front.find(targetKey(data.site, target));
    if (found === undefined) return false;
    sendHot(found, socket);
    counters.add(slot, 'hits', 1);
    counters.add(slot, 'hitBytes', found.bodyBytes);
    const session = sessionOf(target);
    if (session !== undefined) sent.set(session, (sent.get(session) ?? 0) + found.bodyBytes);
    return true;
  };
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    if (counters.sum('open') >= maxConnections) {
      counters.add(slot, 'dropped', 1);
      socket.destroy();
      return;
    }
    counters.add(slot, 'open', 1);
    lastTunnel++;
    const tunnel = lastTunnel;
    const reader = new WholeRequestReader({
      maxBytes: Math.min(4096, lane.headerBytes),
      decidingFields: lane.decidingFields ?? [],
    });
    connections.set(
      tunnel,
      new FrontConnection({ socket, reader, answer }, { ...lane, owner, slot, tunnel }),
    );
    socket.on('close', () => {
      connections.delete(tunnel);
      counters.add(slot, 'open', -1);
      drainedIfEmpty();
    });
  });
  const drainedIfEmpty = (): void => {
    if (stopping && connections.size === 0) tell({ is: 'drained' });
  };
  port.on('message', (message: ToFront) => {
    switch (message.is) {
      case 'set':
        front.set(message.record);
        break;
      case 'drop':
        front.drop(message.key);
        break;
      case 'sync':
        tell({ is: 'synced', id: message.id });
        break;
      case 'between':
        connections.get(message.tunnel)?.answeredAll(message);
        break;
      case 'rest':
        atRest = message.resting;
        break;
      case 'stop':
        stopping = true;
        server.close();
        for (const connection of connections.values()) connection.stop();
        drainedIfEmpty();
        break;
    }
  });
  setInterval(() => {
    const keys = front.takeTouched();
    if (keys.length > 0) tell({ is: 'touched', keys });
    if (sent.size > 0) tell({ is: 'sent', sessions: [...sent] });
    sent = new Map();
  }, reportMs);
  server.listen({ fd }, () => tell({ is: 'listening' }));
}
