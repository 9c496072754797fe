// The frame of every page: skip link, navigation, banner, and the page that the address names.
import type { VNode } from 'preact';
import { useEffect, useState } from 'preact/hooks';
import { usePlace } from '../app/router.ts';
import { matchIn, type Page, type Route } from '../app/route.ts';
import { NAV, ROUTES } from '../app/routes.ts';
import { useStore } from '../app/store.ts';
import { nextTheme, theme } from '../app/theme.ts';
import { title, useTitle } from '../app/title.ts';
import { tokenWanted } from '../app/token.ts';
import { Loading } from '../parts/answered.tsx';
import { PageHead } from '../parts/frame.tsx';
import { Banner } from './banner.tsx';
import { SignIn } from './sign-in.tsx';

export function App(): VNode {
  const place = usePlace();
  const match = matchIn(ROUTES, place.path);
  const said = useStore(title);
  const wanted = useStore(tokenWanted);
  return (
    <>
      <a class="skip" href="#main">Skip to the content</a>
      <header class="top">
        <a class="brand" href="/" aria-label="Virgil Lab, home">Virgil Lab</a>
        <nav aria-label="Pages">
          {NAV.map(([path, name]) => <a key={path} href={path} {...(match?.route.nav === path ? { 'aria-current': place.path === path ? 'page' : 'true' } as const : {})}>{name}</a>)}
        </nav>
        <ThemeButton />
      </header>
      <Banner />
      <main id="main" tabIndex={-1}>
        {wanted ? <SignIn /> : match === undefined ? <Nowhere /> : <Shown key={place.path} route={match.route} id={match.id} />}
      </main>
      <div class="unseen" role="status">{said}</div>
    </>
  );
}

function Shown({ route, id }: { route: Route; id: string }): VNode {
  if ('page' in route) {
    const Known = route.page;
    return <Known id={id} />;
  }
  return <Loaded load={route.load} id={id} />;
}

function Loaded({ load, id }: { load: () => Promise<Page>; id: string }): VNode {
  const [page, setPage] = useState<{ is: Page } | 'waiting' | 'failed'>('waiting');
  useEffect(() => {
    void load().then((is) => { setPage({ is }); }).catch(() => { setPage('failed'); });
  }, [load]);
  if (page === 'waiting') return <Loading what="the page" />;
  if (page === 'failed') return <div class="problem" role="alert"><p><strong>This part of the pages could not be loaded.</strong></p><p>The server may have been updated. Reload the page.</p></div>;
  const Known = page.is;
  return <Known id={id} />;
}

function ThemeButton(): VNode {
  const now = useStore(theme);
  const word = now === 'system' ? 'auto' : now;
  return <button type="button" class="theme" onClick={nextTheme} aria-label={`Theme: ${word}. Change it`}>{word}</button>;
}

function Nowhere(): VNode {
  useTitle('No such page');
  return <><PageHead title="No such page" /><p>This address names nothing here. <a href="/">Home</a> has what is new.</p></>;
}
