import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { run } from './cli.js';
import { ffmpeg, itWithFfmpeg } from './testing/ffmpeg.js';
import { temporaryFolder } from './testing/temporary.js';

const folder = temporaryFolder();

async function cli(
  argv: readonly string[],
  stop: AbortSignal = new AbortController().signal,
): Promise<{ status: number; out: string; err: string }> {
  const lines = { out: [''], err: [''] };
  const status = await run(argv, {
    out: (line) => lines.out.push(line),
    err: (line) => lines.err.push(line),
    environment: {},
    stop,
  });
  return { status, out: lines.out.join('\n'), err: lines.err.join('\n') };
}

describe('eddy-origin', () => {
  it('explains itself', async () => {
    for (const argv of [['--help'], ['publish', '--help'], ['live', '--help'], ['serve', '--help']]) {
      const { status, out } = await cli(argv);
      expect(status).toBe(0);
      expect(out).toContain('Usage: eddy-origin');
    }
  });

  it.each([
    [[]],
    [['nonsense']],
    [['publish']],
    [['publish', 'a.mp4']],
    [['publish', 'a.mp4', '--to', 'ftp://x']],
    [['publish', 'a.mp4', '--to', 'file://host/x']],
    [['publish', 'a.mp4', '--to', '/tmp/x', '--segment-seconds', '0']],
    [['publish', 'a.mp4', '--to', '/tmp/x', '--name', '../x']],
    [['live', 'a.mp4', '--to', '/tmp/x', '--window', '1']],
    [['serve', '--to', '/tmp/x', '--listen', 'nowhere']],
    [['serve', '--to', '/tmp/x', '--max-body', 'huge']],
  ])('answers %j with status 2 and what to do', async (argv) => {
    const { status, err } = await cli(argv);
    expect(status).toBe(2);
    expect(err.length).toBeGreaterThan(20);
  });

  it('answers bad input with status 1 and one line', async () => {
    const input = join(folder.path, 'x.mp4');
    await writeFile(input, 'no film');
    for (const command of ['publish', 'live']) {
      const { status, out, err } = await cli([command, input, '--to', join(folder.path, 'out')]);
      expect(status).toBe(1);
      expect(out).toBe('');
      expect(err).toMatch(/^\nError: .*x\.mp4 is not an MP4 file\..* \(not-mp4\)$/);
    }
  });

  itWithFfmpeg('says what it published and where', async () => {
    const input = join(folder.path, 'My film.mp4');
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=128x72:r=25:d=3',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      '-g',
      '25',
      input,
    );
    const { status, out, err } = await cli([
      'publish',
      input,
      '--to',
      join(folder.path, 'out'),
      '--segment-seconds',
      '1',
    ]);
    expect(status).toBe(0);
    expect(out).toMatch(/Published My-film: 3\.00 s/);
    expect(out).toMatch(/72p {2}avc1\.\w{6} {2}3 segments/);
    expect(out).toMatch(/file:\/\/.*\/out\/My-film\/master\.m3u8$/);
    expect(err).toContain('100%');
  });

  itWithFfmpeg('removes what it wrote when it is stopped', async () => {
    const input = join(folder.path, 'stopped.mp4');
    await ffmpeg(
      '-f',
      'lavfi',
      '-i',
      'testsrc2=s=128x72:r=25:d=3',
      '-c:v',
      'libx264',
      '-preset',
      'ultrafast',
      input,
    );
    const { status, err } = await cli(
      ['publish', input, '--to', join(folder.path, 'stopped')],
      AbortSignal.abort(),
    );
    expect(status).toBe(1);
    expect(err).toContain('(stopped)');
  });
});
