import type { JSX, ReactNode, SyntheticEvent } from 'react';
import type { TransferRequest } from '../../../../shared/contract/transfer-request.ts';
import type { TransferPlan } from '../../../../shared/contract/transfers.ts';
import { useDialogs } from '../../dialogs/dialogs.tsx';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { ErrorLine } from '../../ui/error-state.tsx';
import { Spinner } from '../../ui/spinner.tsx';
import { PlanView } from './plan-view.tsx';
import { usePlan } from './use-plan.ts';
import { useStartTransfer } from './use-start-transfer.ts';
import styles from './moving.module.css';

interface MovingFrameProps {
  readonly title: string;
  readonly description?: ReactNode;
  /** What the form says now; undefined while something is missing. */
  readonly request: TransferRequest | undefined;
  /** What is missing then. */
  readonly waitingFor: string;
  /** On the button that begins: "Push". */
  readonly verb: string | ((plan: TransferPlan | undefined) => string);
  readonly danger?: boolean;
  /** False keeps the button shut although the plan is there. */
  readonly allowed?: (plan: TransferPlan) => boolean;
  /** Buttons at the left of Cancel. */
  readonly further?: (plan: TransferPlan | undefined) => ReactNode;
  /** In place of the list of what is sent. */
  readonly plan?: (plan: TransferPlan) => ReactNode;
  /** The form. */
  readonly children?: ReactNode;
}

/** A dialog that moves something: a form, what would happen, and the button that lets it happen. */
export function MovingFrame({
  title,
  description,
  request,
  waitingFor,
  verb,
  danger = false,
  allowed = () => true,
  further,
  plan: drawPlan,
  children,
}: MovingFrameProps): JSX.Element {
  const { close } = useDialogs();
  const planned = usePlan(request);
  const { state, start } = useStartTransfer();
  const plan = planned.state.phase === 'done' ? planned.state.result : undefined;
  const busy = state.phase === 'running';
  const ready = request !== undefined && plan !== undefined && allowed(plan) && !busy;

  const submit = (event: SyntheticEvent): void => {
    event.preventDefault();
    if (ready) start(request);
  };
  return (
    <Dialog
      open
      onClose={close}
      width="wide"
      title={title}
      description={description}
      actions={
        <>
          {further?.(plan)}
          <Button onClick={close}>Cancel</Button>
          <Button
            look={danger ? 'danger' : 'primary'}
            type="submit"
            form="moving"
            disabled={!ready}
            icon={busy ? <Spinner size={12} /> : undefined}
          >
            {typeof verb === 'string' ? verb : verb(plan)}
          </Button>
        </>
      }
    >
      <form id="moving" className={styles['form']} onSubmit={submit}>
        {children}
        <PlanView planned={planned} waitingFor={waitingFor}>
          {drawPlan}
        </PlanView>
        {state.phase === 'failed' && <ErrorLine error={state.error} />}
      </form>
    </Dialog>
  );
}
