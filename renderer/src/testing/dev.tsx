import '../styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from '../app.tsx';
import { ClientProvider } from '../client/client-provider.tsx';
import { startTheme } from '../settings/theme.ts';
import { createFakeClient } from './fake-client.ts';

// The window on invented data, without a host. Options come from the query: ?latency=40&first&web
startTheme();
const query = new URLSearchParams(window.location.search);
const client = createFakeClient({
  latency: Number(query.get('latency') ?? 15),
  firstStart: query.has('first'),
  host: query.has('web') ? 'web' : 'electron',
});
const root = document.getElementById('root');
if (root === null) throw new Error('dev.html has no element #root.');
createRoot(root).render(<App>{(content) => <ClientProvider client={client}>{content}</ClientProvider>}</App>);
