throw new Error('electron was imported outside Electron: move this code to app/');
