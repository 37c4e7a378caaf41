import { app, Menu } from 'electron';
import { menuTemplate } from './menu-template.ts';

/** Sets the native menu. Called after the window was opened: nobody needs it sooner. */
export function setApplicationMenu(onCommand: (id: string) => void): void {
  Menu.setApplicationMenu(
    Menu.buildFromTemplate(
      menuTemplate({ platform: process.platform, development: !app.isPackaged, onCommand }),
    ),
  );
}
