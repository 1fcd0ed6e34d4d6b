// The place of a walk-through film of ours or the merchant's own; nothing is shown while there is none.
import type { Say } from "./say.ts";

/** A film served from our own addresses, with captions and its words as text. */
export type GuideFilm = {
  title: string;
  source: string;
  captions: { language: string; source: string }[];
  text: string;
};

export function GuideVideo({ say, film }: { say: Say; film: GuideFilm | null }) {
  if (!film) return null;
  return (
    <figure className="card space-y-3 p-5">
      <figcaption className="font-semibold">{film.title}</figcaption>
      {/* biome-ignore lint/a11y/useMediaCaption: its tracks come with the film */}
      <video controls preload="none" className="w-full rounded-lg" aria-label={film.title}>
        <source src={film.source} />
        {film.captions.map((track) => (
          <track key={track.language} kind="captions" srcLang={track.language} src={track.source} />
        ))}
      </video>
      <details>
        <summary className="link">{say("guide.filmText")}</summary>
        <p className="mt-2 text-quiet">{film.text}</p>
      </details>
    </figure>
  );
}
