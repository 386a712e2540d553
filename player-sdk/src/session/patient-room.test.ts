import type { PeersChanged } from '@eddy/protocol';
import { beforeEach, describe, expect, it } from 'vitest';
import { FakeEdge, type FakeRoom } from '../testing/fake-room.js';
import { type FakeTime, fakeTime } from '../testing/fake-time.js';
import { PatientRoom } from './patient-room.js';

describe('introductions before the first picture', () => {
  let time: FakeTime;
  let room: FakeRoom;
  let patient: PatientRoom;
  let heard: { meet: string[]; gone: string[] }[];

  beforeEach(() => {
    time = fakeTime();
    room = new FakeEdge().join('me');
    patient = new PatientRoom({ room, timers: time.timers });
    heard = [];
    patient.subscribe({
      onPeers: ({ meet, gone }) => heard.push({ meet: meet.map(({ peer }) => peer), gone: [...gone] }),
    });
  });

  function edgeSays(change: Omit<PeersChanged, 'type'>): void {
    room.tell((events) => events.onPeers?.({ type: 'peers', ...change }));
  }

  it('wait for it, and are made then unless the peer has left', () => {
    edgeSays({
      meet: [
        { peer: 'ann', offer: true },
        { peer: 'ben', offer: true },
      ],
      gone: [],
    });
    edgeSays({ meet: [], gone: ['ann'] });
    expect(heard.flatMap(({ meet }) => meet)).toEqual([]);
    patient.open();
    expect(heard.at(-1)).toEqual({ meet: ['ben'], gone: [] });
    edgeSays({ meet: [{ peer: 'cleo', offer: true }], gone: [] });
    expect(heard.at(-1)?.meet).toEqual(['cleo']);
    expect(time.pending).toBe(0);
  });

  it('are made at once where the other one calls', () => {
    edgeSays({ meet: [{ peer: 'ann', offer: false }], gone: [] });
    expect(heard).toEqual([{ meet: ['ann'], gone: [] }]);
  });

  it('do not wait for ever', async () => {
    edgeSays({ meet: [{ peer: 'ann', offer: true }], gone: [] });
    await time.advance(999);
    expect(heard.at(-1)?.meet).toEqual([]);
    await time.advance(1);
    expect(heard.at(-1)?.meet).toEqual(['ann']);
  });

  it('are void when the edge welcomes this player anew', () => {
    edgeSays({ meet: [{ peer: 'ann', offer: true }], gone: [] });
    room.admit('me again');
    patient.open();
    expect(heard.flatMap(({ meet }) => meet)).toEqual([]);
  });
});
