/** The settings' few live parts. Without this script every page of them works as well. */
import { startCopying } from './copy.js';
import { startOwn } from './own.js';
import { startPreview } from './preview.js';
import { startStage } from './stage.js';

const told = document.querySelector('#dm-preview')?.textContent;
if (told) startStage(JSON.parse(told));
else {
  startCopying();
  startOwn();
  startPreview();
}
