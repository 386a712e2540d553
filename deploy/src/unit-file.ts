/** One `Key=value` of a unit file and the section it stands in. */
export interface UnitSetting {
  readonly section: string;
  readonly key: string;
  readonly value: string;
}

/** Reads a systemd unit file. Throws SyntaxError with the number of a line that is none. */
export function parseUnit(text: string): UnitSetting[] {
  let section = '';
  const settings: UnitSetting[] = [];
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.trim();
    if (line === '' || line.startsWith('#') || line.startsWith(';')) continue;
    const header = /^\[(\w+)\]$/.exec(line);
    const setting = /^(\w+)=(.*)$/.exec(line);
    if (header !== null) section = header[1] ?? '';
    else if (setting !== null && section !== '') {
      settings.push({ section, key: setting[1] ?? '', value: setting[2] ?? '' });
    } else throw new SyntaxError(`line ${index + 1} is neither a section nor Key=value: ${line}`);
  }
  return settings;
}
