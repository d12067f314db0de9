#!/usr/bin/env node
import { Command } from 'commander';

new Command('interphase').parse();
