import { createRoot } from 'react-dom/client';
import { App } from './app.tsx';
import { connect } from './client/connect.ts';
import { ConnectionProvider } from './client/connection.tsx';
import './styles/base.css';

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no element #root.');
createRoot(root).render(
  <App>
    {(content) => (
      <ConnectionProvider connect={connect} waiting={null}>
        {content}
      </ConnectionProvider>
    )}
  </App>,
);
