/** Two short tones: somebody has written. Without a gesture on the page before, browsers keep quiet. */
export const chime = () => {
  if (!navigator.userActivation?.hasBeenActive) return;
  const context = new AudioContext();
  const volume = context.createGain();
  const start = context.currentTime;
  volume.connect(context.destination);
  volume.gain.setValueAtTime(0.08, start);
  volume.gain.exponentialRampToValueAtTime(0.001, start + 0.5);
  [660, 880].forEach((frequency, index) => {
    const tone = context.createOscillator();
    tone.frequency.value = frequency;
    tone.connect(volume);
    tone.start(start + index * 0.12);
    tone.stop(start + 0.5);
    tone.onended = () => index && context.close();
  });
};
