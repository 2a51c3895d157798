const PITCHES = { good: [660, 990], bad: [330, 220] } as const;

/** Two short tones, made here: no file is fetched. A browser that plays nothing before a first tap stays silent. */
export function chime(mood: keyof typeof PITCHES): void {
  if (!("AudioContext" in window)) return;
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = 0.12;
  volume.connect(audio.destination);
  PITCHES[mood].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(audio.currentTime + place * 0.15);
    tone.stop(audio.currentTime + place * 0.15 + 0.14);
    if (place === 1) tone.onended = () => void audio.close();
  });
}
