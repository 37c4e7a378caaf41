import './styles/base.css';
import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './client/connect.ts';
import { ConnectionProvider } from './client/connection.tsx';
import { startTheme } from './settings/theme.ts';
import { Connecting } from './shell/connecting.tsx';

startTheme();
const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <App>
    {(content) => (
      <ConnectionProvider connect={connect} waiting={<Connecting />}>
        {content}
      </ConnectionProvider>
    )}
  </App>,
);
