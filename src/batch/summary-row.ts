/** One line scan (or one experiment without any) in the table over all experiments. */
export interface SummaryRow {
  experiment: string;
  sample: string | null;
  /** How often the cell was cycled, if the experiment says so. */
  cycles: number | null;
  state: string;
  message: string | null;
  line_scan: string | null;
  aei_present: boolean | null;
  x: number | null;
  x_sigma: number | null;
  x_low95: number | null;
  x_high95: number | null;
  /** x if one lithium leaves for each dopant ion. */
  x_one_lithium: number | null;
  thickness_um: number | null;
  thickness_sigma_um: number | null;
  anode_boundary_um: number | null;
  electrolyte_boundary_um: number | null;
  /** Whether the first map of the experiment shows an AEI. */
  map_aei_present: boolean | null;
  map_thickness_um: number | null;
  map_thickness_sigma_um: number | null;
  problems: number;
}
