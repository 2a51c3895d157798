const MEMORY = "quanbao.till-sound";

export function soundIsOn(): boolean {
  return localStorage.getItem(MEMORY) === "on";
}

export function setSound(on: boolean): void {
  localStorage.setItem(MEMORY, on ? "on" : "off");
  if (on) chime();
}

/** Two short tones, made here: no file is fetched. */
export function chime(): void {
  const audio = new AudioContext();
  const volume = audio.createGain();
  volume.gain.value = 0.12;
  volume.connect(audio.destination);
  [660, 990].forEach((pitch, place) => {
    const tone = audio.createOscillator();
    tone.frequency.value = pitch;
    tone.connect(volume);
    tone.start(audio.currentTime + place * 0.15);
    tone.stop(audio.currentTime + place * 0.15 + 0.14);
    if (place === 1) tone.onended = () => void audio.close();
  });
}
