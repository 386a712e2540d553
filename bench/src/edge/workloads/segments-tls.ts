import { BenchError } from '../../errors.js';
import { SEGMENT_BYTES, segments } from '../../origin/content.js';
import { agreedTls, makeCertificate } from '../../servers/certificate.js';
import { eddyEdgeServer } from '../../servers/eddy-edge.js';
import { ratioGoal } from '../goals.js';
import { eddies, nginxes } from '../line-up.js';
import { BYTES, CPU_PER_REQUEST } from '../metrics.js';
import type { Entrant } from '../stage.js';
import type { EdgeWorkload } from '../workload.js';
import { CONNECTIONS, fewRounds, runClosedLoop, turnsSeconds } from './closed-loop.js';

const SEGMENTS = 32;

/** Throws BenchError `wrong-answer` unless everyone agrees on the same version and cipher. */
async function sameCipher(entrants: readonly Entrant[], ca: string): Promise<string> {
  const agreed = await Promise.all(entrants.map(({ server }) => agreedTls(server.port, ca)));
  const [first = 'nothing'] = agreed;
  if (agreed.every((one) => one === first)) return first;
  const each = entrants.map(({ under }, index) => `${under.name}: ${agreed[index]}`).join('; ');
  throw new BenchError('wrong-answer', `TLS is not the same for all: ${each}`);
}

export const segmentsTlsWorkload: EdgeWorkload = {
  name: 'segments-tls',
  summary: 'the same over TLS 1.3 and HTTP/1.1 (Varnish has no TLS)',
  estimateSeconds: (options) => turnsSeconds(6, fewRounds(options)),
  measure: async (stage, options) => {
    const certificate = await makeCertificate(stage.components.path('openssl'), await stage.folder('memory'));
    let cipher = '';
    const report = await runClosedLoop(
      stage,
      {
        name: 'segments-tls',
        description: `${SEGMENTS} segments of 1 MiB in turn over TLS 1.3, ${CONNECTIONS} connections kept open, memory hits`,
        objects: segments(SEGMENTS),
        objectBytes: SEGMENT_BYTES,
        headline: BYTES,
        where: 'memory',
        unders: [
          ...(await eddies(stage, { tls: certificate, guarded: '/film' })),
          await eddyEdgeServer({
            tls: certificate,
            workers: stage.cores,
            family: 'eddy without tokens, log and limits by client',
          }),
          // Without the kernel's TLS sendfile sends nothing, so one of its settings will do.
          ...(await nginxes(stage, { tls: certificate })).filter(
            ({ name }) => name !== 'nginx sendfile, 1 worker',
          ),
        ],
        settle: async (entrants) => {
          cipher = await sameCipher(entrants, certificate.ca);
        },
        goals: (comparisons) => [
          ...ratioGoal(comparisons, { metric: BYTES, family: 'nginx', limit: 0.9 }),
          ...ratioGoal(comparisons, { metric: CPU_PER_REQUEST, family: 'nginx', limit: 1.25 }),
        ],
      },
      fewRounds(options),
    );
    return { ...report, notes: [`every server agreed on ${cipher}; certificate: ECDSA P-256; HTTP/1.1`] };
  },
};
