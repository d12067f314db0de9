import type { MapFault } from '../../experiment.js';

export interface MapFlags {
  data?: string;
  elements?: string[];
  pixel?: string;
  energy?: string;
  i0?: string;
  clean?: MapFault[];
  json?: boolean;
  out?: string;
  refine: boolean;
}

export interface SegmentFlags extends Omit<MapFlags, 'refine'> {
  classes?: number;
  beam?: string;
}
