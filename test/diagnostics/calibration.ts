/** Q08xx: calibration, data sources, evaluation. */
import { parseStatistics } from '../../src/data/qstats.js';
import { type Cases, ofCall } from './cases.js';

export const calibration: Cases = {
  Q0801: [
    ofCall('a file of another kind', () => parseStatistics('0.1,0.2\n', 'ranges.csv')),
    ofCall('another version', () => parseStatistics('{"qstats":9}\n', 'ranges.qstats')),
  ],
};
