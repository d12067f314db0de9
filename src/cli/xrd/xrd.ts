import { Command } from 'commander';
import { xrdPlanCommand } from './plan.js';
import { xrdRefineCommand } from './refine.js';
import { xrdSimulateCommand } from './simulate.js';

export const xrdCommand = (): Command =>
  new Command('xrd')
    .description('powder diffraction on loose files: simulate, refine, plan')
    .addCommand(xrdSimulateCommand())
    .addCommand(xrdRefineCommand())
    .addCommand(xrdPlanCommand());
