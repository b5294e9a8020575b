import { startOptions } from './options.js';

describe('the options of npm start', () => {
  it('keep nothing and listen on port 8080 when nothing is said', () => {
    expect(startOptions([], {})).toEqual({ port: 8080, data: undefined });
  });

  it('take the data folder from the argument before the variable, relative to where the user stands', () => {
    const environment = { TESSERA_DATA: '/kept', INIT_CWD: '/home/me', TESSERA_PORT: '9090' };
    expect(startOptions([], environment)).toEqual({ port: 9090, data: '/kept' });
    expect(startOptions(['--data', 'here'], environment)).toEqual({ port: 9090, data: '/home/me/here' });
  });

  it('refuse what they do not know', () => {
    expect(() => startOptions(['--dta', 'here'], {})).toThrow('Usage: npm start -- [--data FOLDER]');
    expect(() => startOptions([], { TESSERA_PORT: '99999' })).toThrow('TESSERA_PORT is "99999", which is no port');
  });
});
