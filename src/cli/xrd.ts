import { Command } from 'commander';
import { xrdPlanCommand } from './xrd-plan.js';
import { xrdRefineCommand } from './xrd-refine.js';
import { xrdSimulateCommand } from './xrd-simulate.js';

export const xrdCommand = (): Command =>
  new Command('xrd')
    .description('powder diffraction on loose files: simulate, refine, plan')
    .addCommand(xrdSimulateCommand())
    .addCommand(xrdRefineCommand())
    .addCommand(xrdPlanCommand());
