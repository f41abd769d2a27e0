import { LabIcon } from '@jupyterlab/ui-components';

/** A frame with a play mark cut into a reel. */
export const studioIcon = new LabIcon({
  name: 'playreel:studio',
  svgstr: `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 24 24" width="24">
  <g class="jp-icon3" style="fill:none" stroke="#616161" stroke-width="1.6" stroke-linecap="round" stroke-linejoin="round">
    <rect x="3" y="5" width="18" height="14" rx="2"/><path d="M7 5v14M17 5v14M3 9.5h4M3 14.5h4M17 9.5h4M17 14.5h4"/>
  </g><path d="M10.3 9.2v5.6l4.2-2.8z" fill="#e8973a"/></svg>`
});
