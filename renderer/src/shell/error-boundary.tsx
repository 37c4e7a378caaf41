import { Component } from 'react';
import type { ErrorInfo, JSX, ReactNode } from 'react';
import { toErrorData } from '../../../shared/errors/tallyman-error.ts';
import type { ErrorData } from '../../../shared/errors/tallyman-error.ts';
import { Button } from '../ui/button.tsx';
import { ErrorState } from '../ui/error-state.tsx';

interface ErrorBoundaryProps {
  /** Another value starts anew: the key of the view below. */
  readonly resetKey: string;
  readonly onError: (error: Error, componentStack: string) => void;
  readonly children: ReactNode;
}

interface ErrorBoundaryState {
  readonly error: ErrorData | undefined;
  readonly key: string;
}

/** Keeps a fault of one view from taking the window with it. */
export class ErrorBoundary extends Component<ErrorBoundaryProps, ErrorBoundaryState> {
  override state: ErrorBoundaryState = { key: this.props.resetKey, error: undefined };

  static getDerivedStateFromError(error: unknown): Partial<ErrorBoundaryState> {
    return { error: toErrorData(error) };
  }

  static getDerivedStateFromProps(
    props: ErrorBoundaryProps,
    state: ErrorBoundaryState,
  ): ErrorBoundaryState | null {
    return props.resetKey === state.key ? null : { key: props.resetKey, error: undefined };
  }

  override componentDidCatch(error: Error, info: ErrorInfo): void {
    this.props.onError(error, info.componentStack ?? '');
  }

  override render(): ReactNode {
    const { error } = this.state;
    return error === undefined ? this.props.children : this.#picture(error);
  }

  #picture(error: ErrorData): JSX.Element {
    return (
      <ErrorState
        error={error}
        title="This view broke"
        actions={<Button onClick={() => this.setState({ error: undefined })}>Show it again</Button>}
      />
    );
  }
}
